"""What the shell needs of an event loop: tasks, waiters, ticks, handlers, files."""
