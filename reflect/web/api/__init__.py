"""The API for the institution's data warehouse: reads only, by keys only, in the shape of Microsoft Graph."""
