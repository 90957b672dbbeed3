"""What the pages of the circular decision show: fates, packs, tours, plants, what will come."""
