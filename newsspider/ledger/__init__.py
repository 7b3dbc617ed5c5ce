"""What has been found, stored and delivered: resume, only-new and exactly-once are one mechanism.

The ledger is the queue: an index page's finds are written down before anything of them is asked for, and whatever it
still owes is asked for again by the next run. Feeds are written from it, when nothing of a job is owed any more.
"""
