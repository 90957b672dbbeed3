"""How was it used, how is it, how does it age, who must take it back? One report and a grade."""
