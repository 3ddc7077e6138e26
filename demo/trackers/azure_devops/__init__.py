"""An Azure DevOps organisation in memory."""

from demo.trackers.azure_devops.site import AzureDevOpsSite, Item, Link, Project

__all__ = ["AzureDevOpsSite", "Item", "Link", "Project"]
