// SPDX-License-Identifier: Apache-2.0
// Logging in: [Japanese, English].
export const loginWords = {
  "login.login": ["ログイン", "Log in"],
  "login.with_card": ["カードでログイン", "Log in with your card"],
  "login.logout": ["ログアウト", "Log out"],
  "login.needed": ["このページは、ログインした本人だけに表示されます。", "This page is shown to its owner only, who logs in."],
  "login.ended_form": ["記入した内容は残っています。", " What you typed is still there."],
  "login.ended": ["ログインの期限が切れました。もう一度ログインしてください。", "Your session is over. Log in again."],

  "again.text": ["この操作には、カードでの新しいログインが必要です。", "This needs a new login with your card."],
  "again.login": ["もう一度ログインする", "Log in again"],

  "refusal.title": ["ログインできませんでした", "You are not logged in"],
  "refusal.again": ["もう一度ログインする", "Log in again"],
  "refusal.other": ["ログインできませんでした。", "The login did not come about."],
  "refusal.other-browser": ["ログインを始めたブラウザーと違うブラウザーに戻りました。このブラウザーで、始めからやり直してください。",
    "You came back to another browser than the one that set out. Begin again in this one."],
  "refusal.cancelled": ["ログインは取り消されたか、カードでの確認が間に合いませんでした。始めからやり直せます。",
    "The login was cancelled, or the card came too late. You can begin again."],
  "refusal.refused": ["ログインの結果を確認できませんでした。始めからやり直してください。",
    "What came back does not count. Begin again."],
  "refusal.unavailable": ["認証アプリまたは台帳が、いま利用できません。しばらく待ってからお試しください。",
    "The authentication app or the register is not available now. Try again later."],
  "refusal.conflict": ["このカードの持ち主は、別の人として登録されています。運用者に問い合わせてください。",
    "The register knows the holder of this card as somebody else. Ask the operator."],
} as const;
