"""Where does it go next: reuse, repair, remanufacture, repurpose or recycle? With its proof."""
