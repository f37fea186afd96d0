"""What the analyses read: joined scores, held-out pictures, folds, means of conditions; imports."""
