"""Read front matter, render bodies, clean and shorten them."""
