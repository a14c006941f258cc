"""What a person does on the screen: each module is one kind of doing, and `main` joins the panes."""
