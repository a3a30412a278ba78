"""去件与待办: messages to other sites and work to be done later, written with the step that caused them."""
