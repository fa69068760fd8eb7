"""What is going on, without a window: state and events that the window, the command line and a notebook share."""
