"""Tables in files, counted at the speed of reading them."""
