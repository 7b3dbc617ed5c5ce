"""SINDOnews: what a reader would click, for the pages that a browser has to open. CSS selectors, the best one first."""

MORE = ("button.load-more", "a.load-more", ".btn-loadmore")
"""What makes a list longer. The site's own lists have a pager (`index`); these are for those that have nothing else."""
OVERLAYS = (
    "#onetrust-reject-all-handler",
    ".fc-cta-do-not-consent",
    ".consent-reject",
    "#onetrust-accept-btn-handler",
    ".fc-cta-consent",
    ".consent-accept",
)
"""What lies over a page until something is clicked: no is said before yes."""
