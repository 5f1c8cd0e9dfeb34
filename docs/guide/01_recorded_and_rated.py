"""
1. What is recorded and what is rated
=====================================

In work.
"""
