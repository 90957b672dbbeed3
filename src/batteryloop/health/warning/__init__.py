"""Which cell will fail, before a plain limit says so?"""
