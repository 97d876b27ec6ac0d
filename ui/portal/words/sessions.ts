// SPDX-License-Identifier: Apache-2.0
// Sessions: [Japanese, English].
export const sessionsWords = {
  "session.lead": ["あなたのアカウントにログインしている端末です。心当たりのないものは終了してください。",
    "Where your account is logged in. End what you do not know."],
  "session.browser": ["端末", "Browser"],
  "session.unknown": ["不明な端末", "Unknown"],
  "session.current": ["この端末", "This one"],
  "session.made": ["ログイン", "Logged in"],
  "session.used": ["最後の利用", "Used last"],
  "session.ends": ["期限", "Ends"],
  "session.end": ["終了する", "End"],
  "session.end_one": ["{name} のログインを終了する", "End {name}"],
  "session.ended": ["ログインを終了しました", "The session is over"],
  "session.empty": ["ログイン中の端末はありません。", "There is none."],
  "session.end_all": ["すべての端末でログアウトする", "Log out everywhere"],
  "session.end_all_text": ["この端末を含む、すべてのログインが終わります。認証アプリでのログインも終わります。",
    "All sessions end, this one as well, and so do the logins at the authentication app."],
  "session.end_all_yes": ["すべて終了する", "End all"],
  "session.all_ended_here": ["このポータルではすべてログアウトしました。認証アプリが応答しないため、他の端末での認証アプリのログインが残っているかもしれません。",
    "You are logged out of this portal everywhere. The authentication app did not answer, so logins at it in other browsers may go on."],
  "session.all_ended": ["すべての端末でログアウトしました", "You are logged out everywhere"],
} as const;
