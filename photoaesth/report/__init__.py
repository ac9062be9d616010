"""What people look at: contact sheets and pictures in the terminal."""
