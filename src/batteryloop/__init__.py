"""batteryloop keeps batteries in use.

It reads what a battery leaves behind, judges how healthy it is and how sure that judgement is,
and says what should happen to it next. Ask what stage of the battery's life a thing belongs to:
that is the folder. Ask what deed: that is a file in `usecases`.
"""

__version__ = "0.1.0"
