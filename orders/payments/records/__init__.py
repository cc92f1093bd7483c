"""Ways in which an order is paid without any provider; kept so that records can name them."""
