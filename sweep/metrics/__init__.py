"""What runs are judged by: losses, accuracy, your own metric."""
