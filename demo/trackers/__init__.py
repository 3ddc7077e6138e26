"""Two small servers on the loopback interface that answer as Jira and Azure DevOps do."""
