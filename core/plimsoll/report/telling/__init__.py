"""What a report makes of its material besides findings and timeline: tables, pictures, summary, counterfactuals."""
