"""What is seen: widgets that show a model and ask it to change."""
