## Where a member is signed in

settings-sessions = Devices
sessions-lead = Where you are signed in. End what you don’t know or don’t use any more, and change your password if something looks odd.
sessions-unknown = Unknown device
sessions-current = this one
sessions-used = Last used
sessions-began = signed in
sessions-end = Sign out there
sessions-end-others = Sign out everywhere else
flash-session-ended = That device is signed out.
flash-sessions-ended = All your other devices are signed out.

## Leaving, with time to think

settings-withdraw-lead-grace = You are signed out everywhere. For { $days } days everything stays as it is: sign in to change your mind. Then your account goes for good, with your name, your e-mail address and what you said about yourself.
flash-withdrawal-asked = Your account will be deleted. If you change your mind, sign in within the next days.
flash-withdrawal-taken-back = Good to have you back! Your account stays.
problem-too-many-names = You have changed your name too often lately
error-too-many-names = Your former names are kept for you for 30 days each. Please choose one of them, or wait.
settings-name-hint = Up to 30 characters. Everybody sees it. A name you give up stays yours for 30 days.
error-password-common = Everybody guesses this one. Please choose another; a sentence makes a good one.
