"""The pages of the circular decision, in the order of the way."""

SECTIONS = (
    {"key": "triage", "name": "Where packs go", "href": "/circular"},
    {"key": "cells", "name": "Graded cells", "href": "/circular/cells"},
    {"key": "matching", "name": "Matched packs", "href": "/circular/matching"},
    {"key": "tours", "name": "Tours", "href": "/circular/tours"},
    {"key": "plant", "name": "Recycling plant", "href": "/circular/plant"},
    {"key": "returns", "name": "What will come back", "href": "/circular/returns"},
)
