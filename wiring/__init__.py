"""The composition root: the only room, with bot.py, that knows every other one."""
