"""What runs are judged by: losses, accuracy, other metrics, your own."""
