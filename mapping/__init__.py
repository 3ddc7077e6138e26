"""Which goal a work item serves: rules that an admin keeps in YAML."""
