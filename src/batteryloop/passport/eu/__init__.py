"""Which duties and tests does the law of the European Union bring? Profiles and limits as data."""
