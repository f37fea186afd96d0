"""Compiled loops behind the corruptions.

Importing one of these modules imports numba (about half a second), so the corruptions import
them inside the functions that need them. No loop here draws random numbers or uses fastmath: sums
run in the order in which the library that ImageNet-C called runs them, so that a value just below
a whole level is cut off to the same level.
"""
