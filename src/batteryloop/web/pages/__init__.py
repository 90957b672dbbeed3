"""The pages, one file each: what it is asked, the deed it calls, the template it fills."""
