"""What a review leaves for others: pages, pictures, plots."""
