## Where a member is signed in

settings-sessions = Devices
sessions-lead = Where you are signed in. End what you don’t know or don’t use any more, and change your password if something looks odd.
sessions-unknown = Unknown device
sessions-current = this one
sessions-used = Last used
sessions-began = signed in
sessions-end = Sign out there
sessions-elsewhere = If somebody else may have come in with one of your ways to sign in, sign out everywhere but here.
sessions-end-others = Sign out everywhere else
flash-session-ended = That device is signed out.
flash-sessions-ended = All your other devices are signed out.

## Leaving, with time to think

settings-withdraw-lead-grace = You are signed out everywhere. For { $days } days everything stays as it is: sign in to change your mind. Then your account goes for good, with your name, your e-mail address and what you said about yourself.
flash-withdrawal-asked = Your account will be deleted. If you change your mind, sign in within the next days.
flash-withdrawal-taken-back = Good to have you back! Your account stays.

## Names, and passwords that are guessed

settings-name-hint = Up to 30 characters. Everybody sees it. A name you give up stays yours for 30 days.
problem-too-many-names = You have changed your name too often lately
error-too-many-names = Your former names are kept for you for 30 days each. Please choose one of them, or wait.
error-password-common = Everybody guesses this one. Please choose another; a sentence makes a good one.
problem-too-many-guesses = Too many wrong tries
problem-too-many-guesses-detail = { $minutes ->
    [one] Too many wrong tries: this account can be tried again in a minute.
   *[other] Too many wrong tries: this account can be tried again in { $minutes } minutes.
} A browser in which you have signed in before is not concerned. In a hurry? Choose a new password by e-mail: then you can go on at once.

## Two steps

field-code = Code
code-title = One more step
code-lead = Your account asks for a code of your authenticator app, too.
code-hint = Six figures from the app, or one of your recovery codes.
code-begin-again = Begin again
error-code = This code is not right, or was used already. The app shows a new one every 30 seconds.
problem-second-factor = A code of the authenticator app is asked for, too
problem-second-factor-detail = Send it as “code”, with the e-mail address and the password.
problem-second-factor-too-late = That took too long. Please begin again.
problem-no-second-factor = Two-step sign-in is off

## Is it you?

again-title = Is it you?
again-lead = You are about to change how you sign in. Show once more that it is you; for a quarter of an hour we don’t ask again.
again-button = It’s me
again-role-title = One more step
again-role-lead = Your role acts only where you came in with a second factor: a passkey, or a code besides your password.
again-role-none = You have neither yet. Set one up, and go on from there.
problem-sign-in-again = Show once more that it is you
problem-sign-in-again-detail = Who changes how they sign in must have signed in within the last 15 minutes.
problem-other-account = That account is not linked to yours

## Passkeys

passkey-sign-in = Sign in with a passkey
passkey-title = Passkeys
passkey-lead = Sign in with your fingerprint, your face or a security key, without a password. Nobody can guess it or lure it out of you.
passkey-name = What you call it
passkey-name-example = My phone
passkey-add = Add a passkey
passkey-rename = Rename
passkey-since = Added
passkey-used = last used
passkey-remove = Remove
passkey-remove-question = Remove the passkey “{ $name }”? You can’t sign in with it then.
passkey-scripts = Browsers can be asked for a passkey with JavaScript alone.
passkey-failed = That didn’t work. Please try again.
problem-passkey = This passkey was not accepted. Please try again.
problem-passkey-unknown = Nobody here has this passkey
problem-no-passkeys-here = There are no passkeys at this address
flash-passkey-named = The passkey is renamed.

## Codes

codes-title = Two-step sign-in
codes-lead = Besides your password, a code of an authenticator app on your phone is asked for. A passkey needs none.
codes-begin = Set up
codes-change = Change
codes-scan = Scan this with an authenticator app.
codes-type = Or type it there:
codes-first = Type the code that the app shows now.
codes-confirm = Turn on
codes-on = on
codes-since = since
codes-left = { $count ->
    [0] No recovery codes are left. Make new ones.
    [one] 1 recovery code is left.
   *[other] { $count } recovery codes are left.
}
codes-renew = New recovery codes
codes-renew-question = Make ten new recovery codes? The old ones don’t work any more then.
codes-off = Turn off
codes-off-question = Sign in without codes from now on?
codes-recovery-title = Your recovery codes
codes-recovery-lead = Keep them in a safe place, now: they are shown this once.
codes-recovery-hint = Each lets you in once in the place of a code, should you lose your phone.
codes-kept = I have kept them
flash-second-factor-off = Two-step sign-in is off.

## Joining by letter

flash-joining-asked = A letter is on its way. Follow the link in it, and you are in.
join-title = Welcome to Reeltime
join-lead = Your address is confirmed. This is the name that everybody sees.
join-button = Join
join-password-hint = This is another browser than the one in which you began. Type the password that you chose there, or open the link there.
error-join-password = That is not the password that you chose when you began.
problem-other-browser = Please open the link in the browser in which you began
problem-other-browser-detail = So nobody can join with somebody else’s address. If you can’t open it there, begin again here.
