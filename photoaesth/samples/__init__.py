"""Pictures that the program draws itself, and simulated photographers to judge them."""
