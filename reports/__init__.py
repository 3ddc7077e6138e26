"""Where plan and delivery part: measures, findings and formats."""
