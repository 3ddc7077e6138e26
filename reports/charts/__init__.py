"""The pictures of a report: one Vega-Lite specification each, and their rendering to SVG."""
