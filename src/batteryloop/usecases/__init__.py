"""What can be done? One file a deed, verb and object; `ports` says what each needs from outside."""
