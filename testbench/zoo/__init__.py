"""Small models as real converters write them: made, run against their oracle on every core, and told in a page."""
