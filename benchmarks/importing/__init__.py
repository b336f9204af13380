"""Taking in what a real Saleor's own books hold. Runs in Saleor's environment."""
