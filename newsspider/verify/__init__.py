"""Is a feed what it says it is? Everything that those who crawled it would have seen to."""
