"""The sample schools: made through the services that the pages use."""
