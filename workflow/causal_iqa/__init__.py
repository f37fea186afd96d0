"""Does image quality predict whether a network gets the picture right?

The way of the data, which is also the order of the packages:
pictures -> conditions (corruptions) -> scores (scorers) -> experiments (statistics) -> report.
"""
