"""What a monitor costs, how exact it is and how often it cries wolf: measured, and judged against bars."""
