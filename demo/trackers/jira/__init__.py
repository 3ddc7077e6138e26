"""A Jira site, Cloud or Data Center, in memory."""

from demo.trackers.jira.site import Issue, JiraSite

__all__ = ["Issue", "JiraSite"]
