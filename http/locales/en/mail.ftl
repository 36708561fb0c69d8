## Letters

mail-greeting = Hello { $name },
mail-sent-by = Reeltime, the community for people who love films
mail-link-hint = If the button does nothing, copy this address into your browser:
mail-verification-subject = Is this your address?
mail-verification = Welcome to Reeltime! Please confirm that this address is yours, so that you can always get back into your account. The link works for 24 hours.
mail-verification-button = Confirm my address
mail-verification-aside = You haven’t joined Reeltime? Then somebody mistyped their address, and you need not do anything.
mail-address-subject = Confirm your new address
mail-address = You want to use this address for Reeltime from now on. It becomes yours as soon as you confirm it. The link works for 24 hours.
mail-address-button = Use this address
mail-address-aside = You didn’t ask for this? Then you need not do anything: nothing changes.
mail-reset-subject = Choose a new password
mail-reset = Somebody, most likely you, wants to choose a new password for your account. The link works for 30 minutes, once. All your devices are signed out when you use it.
mail-reset-button = Choose a password
mail-reset-aside = It wasn’t you? Then you need not do anything: your password stays as it is, and nobody but you has this link.
mail-address-changed-subject = Your address was changed
mail-address-changed = Your Reeltime account has another e-mail address now. From here on we write to that one.
mail-address-changed-aside = It wasn’t you? Then somebody else knows your password: please reply to whoever runs this Reeltime at once.
mail-password-changed-subject = Your password was changed
mail-password-changed = Your Reeltime account has a new password. Your other devices were signed out.
mail-password-changed-button = It wasn’t me
mail-password-changed-aside = It was you? Then everything is fine. If not, choose another password with the link, at once.
mail-joining-subject = Welcome to Reeltime
mail-joining = Somebody, most likely you, wants to join Reeltime with this address. Follow the link, and you are in. It works for 24 hours.
mail-joining-button = Join Reeltime
mail-joining-aside = It wasn’t you? Then you need not do anything, and nobody joins.
mail-here-already-subject = You are a member already
mail-here-already = Somebody, most likely you, wants to join Reeltime with this address. You are a member already: just sign in. If you have forgotten your password, choose another one there.
mail-here-already-button = Sign in
mail-here-already-aside = It wasn’t you? Then you need not do anything: whoever it was did not learn that you are here.
mail-ways-changed-subject = How you sign in has changed
mail-ways-changed = The ways to sign in to your Reeltime account were changed: linked accounts, passkeys or the second step.
mail-ways-changed-button = Look at it
mail-ways-changed-aside = It was you? Then everything is fine. If not, undo it in the settings, choose another password and sign out your other devices.

## Where their links lead

forgot-link = Forgot your password?
forgot-title = A new password
forgot-lead = Type the address that you joined with. If it is a member’s, we send a link there with which you can choose a new password.
forgot-button = Send me a link
reset-title = Choose a new password
reset-lead = You are signed out everywhere then; sign in with the new one.
reset-button = Change password
verify-title = Confirm your address
verify-lead = Is { $email } yours?
verify-button = Yes, it’s mine
change-email-title = Your new address
change-email-lead = From now on { $email } is the address of your account.
change-email-button = Use this address
flash-reset-asked = If the address is a member’s, a letter is on its way. Have a look at your mail.
flash-password-reset = Your password is changed. Sign in with the new one.
flash-verification-asked = A letter is on its way. Have a look at your mail.
flash-email-verified = Thank you! Your address is confirmed.
flash-email-change-asked = A letter is on its way to the new address. It becomes yours when you open the link in it.
flash-email-changed = Your account has its new address.
problem-link-used-up = This link doesn’t work any more
problem-link-used-up-detail = It was used already, or it is too old. Ask for a new one.

## The address among the settings

settings-email = E-mail
settings-email-lead = Where we write to, and what you sign in with. Only you see it.
settings-email-new = New address
settings-email-hint = We send a letter there first. The one you have now is told when it changes.
settings-email-save = Change address
settings-email-verified = confirmed
settings-email-unverified = not confirmed yet
settings-email-verify = Send the letter again
