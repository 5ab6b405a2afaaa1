"""What a course of ketamine treatment costs."""
