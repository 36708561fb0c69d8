//! A member who says everything that one can say, each thing in its own word.

use commands::comment::{Comment, EditComment};
use commands::email::ChangeEmail;
use commands::measure::{Appeal, DecideAppeal, LiftMeasure, TakeMeasure};
use commands::member::{ChangeAbout, SignUp};
use commands::report::{CloseReport, Report};
use commands::review::Review;
use commands::role::GrantRole;
use commands::room::{self, Ban, Edit, Enter, Mute, Open, Remove, Retract};
use domain::report::Outcome;
use domain::room::Admission;
use domain::{
    About, AppealText, CommentId, CommentText, Email, Language, MeasureId, MemberId, MemberName,
    MessageText, Rating, Reason, ReservationId, ReviewId, ReviewText, Role, RoomDescription,
    RoomId, RoomName, Thing,
};
use sqlx::PgPool;
use tests::history::{self, asked};
use tests::{new_id, now};
use uuid::Uuid;
use web::app::App;

use super::words::{KEPT, word};

/// Gives a command, and gives where its last event is.
pub async fn ask(
    app: &App,
    actor: MemberId,
    command: impl commands::Command + Send + 'static,
) -> i64 {
    let done = commands::execute(&app.sequencer, asked(actor), command).await;
    done.expect("it is accepted").position
}

async fn version(pool: &PgPool, position: i64) -> i64 {
    sqlx::query_scalar("select version from log.events where position = $1")
        .bind(position)
        .fetch_one(pool)
        .await
        .unwrap()
}

fn reason(text: &str) -> Option<Reason> {
    Reason::new(text).unwrap()
}

pub struct Life<'a> {
    pub app: &'a App,
    pub member: MemberId,
    /// What their words have in common.
    pub whose: &'static str,
    /// In whose room they come, and against whom they take measures.
    pub neighbour: MemberId,
    /// Another moderator of the site.
    pub judge: MemberId,
}

impl Life<'_> {
    pub async fn live(&self) {
        self.be_called().await;
        self.write().await;
        self.keep_a_room().await;
        self.moderate().await;
        self.be_kept().await;
    }

    fn word(&self, what: &str) -> String {
        word(self.whose, what)
    }

    fn reservation(&self, what: &str) -> ReservationId {
        ReservationId(Uuid::new_v5(&self.member.0, what.as_bytes()))
    }

    async fn say(&self, command: impl commands::Command + Send + 'static) -> i64 {
        ask(self.app, self.member, command).await
    }

    fn email(&self, what: &str) -> Email {
        Email::new(&format!("{}@example.org", self.word(what))).unwrap()
    }

    async fn be_called(&self) {
        let member = self.member;
        let name = |what| MemberName::new(&self.word(what)).unwrap();
        self.say(SignUp {
            member,
            name: name("oldname"),
            email: self.email("oldmail"),
            language: Language::Ko,
            name_reservation: self.reservation("oldname"),
            email_reservation: self.reservation("oldmail"),
        })
        .await;
        self.say(commands::name::Rename {
            member,
            name: name("newname"),
            reservation: self.reservation("newname"),
            former: self.reservation("oldname"),
        })
        .await;
        self.say(ChangeEmail {
            member,
            email: self.email("newmail"),
            reservation: self.reservation("newmail"),
            former: self.reservation("oldmail"),
        })
        .await;
        let about = About::new(&self.word("about")).unwrap();
        self.say(ChangeAbout { member, about }).await;
    }

    async fn review(&self, member: MemberId, text: &str) -> ReviewId {
        let review = Review {
            member,
            film: history::film(0),
            rating: Rating::new(8).unwrap(),
            text: ReviewText::new(text).unwrap(),
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        };
        let id = review.review();
        ask(self.app, member, review).await;
        id
    }

    async fn write(&self) {
        let member = self.member;
        self.review(member, &self.word("oldreview")).await;
        let review = self.review(member, &self.word("newreview")).await;
        let comment = self.comment();
        let text = |what| CommentText::new(&format!("{} 말", self.word(what))).unwrap();
        self.say(Comment {
            comment,
            member,
            review,
            text: text("oldcomment"),
            mentions: vec![],
            among: vec![],
        })
        .await;
        self.say(EditComment {
            comment,
            member,
            text: text("newcomment"),
            mentions: vec![],
        })
        .await;
    }

    /// Their only one.
    fn comment(&self) -> CommentId {
        CommentId(Uuid::new_v5(&self.member.0, b"comment"))
    }

    async fn keep_a_room(&self) {
        let (room, member) = (RoomId(new_id()), self.member);
        let name = |what| RoomName::new(&self.word(what)).unwrap();
        let description = |what| RoomDescription::new(&self.word(what)).unwrap();
        self.say(Open {
            room,
            member,
            film: None,
            name: name("oldroom"),
            description: description("olddescription"),
            admission: Admission::Public,
            closes_when_empty: false,
            at: now(),
        })
        .await;
        self.say(room::Rename {
            room,
            member,
            name: Some(name("newroom")),
            description: Some(description("newdescription")),
            closes_when_empty: None,
        })
        .await;
        let message = self.send(room, member, &self.word("oldmessage")).await;
        self.say(Edit {
            room,
            member,
            message,
            body: MessageText::new(&self.word("newmessage")).unwrap(),
            mentions: vec![],
            spoiler: false,
            at: now(),
        })
        .await;
        self.keep_order(room).await;
    }

    async fn send(&self, room: RoomId, member: MemberId, text: &str) -> i64 {
        let sent = room::Send {
            room,
            member,
            cid: new_id(),
            body: MessageText::new(text).unwrap(),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            at: now(),
        };
        let position = ask(self.app, member, sent).await;
        version(&self.app.pool, position).await
    }

    async fn keep_order(&self, room: RoomId) {
        let (by, member, at) = (self.member, self.neighbour, now());
        ask(self.app, member, Enter { room, member, at }).await;
        let message = self.send(room, member, "Not nice.").await;
        self.say(Retract {
            room,
            member: by,
            message,
            reason: reason(&self.word("retraction")),
        })
        .await;
        self.say(Mute {
            room,
            by,
            member,
            until: None,
            reason: reason(&self.word("muting")),
            at,
        })
        .await;
        self.say(Remove {
            room,
            by,
            member,
            reason: reason(&self.word("removal")),
            at,
        })
        .await;
        self.say(Ban {
            room,
            by,
            member,
            until: None,
            reason: reason(&self.word("ban")),
            at,
        })
        .await;
    }

    async fn moderate(&self) {
        for member in [self.member, self.judge] {
            let (role, by) = (Role::Moderator, None);
            let nobody = MemberId(Uuid::nil());
            ask(self.app, nobody, GrantRole { member, role, by }).await;
        }
        let review = self.review(self.neighbour, "Not nice, either.").await;
        let about = Thing::Review { review };
        self.say(Report {
            about,
            member: self.member,
            reason: reason(&self.word("report")),
        })
        .await;
        let report = Report {
            about,
            member: self.judge,
            reason: None,
        };
        let closing = CloseReport {
            report: report.report(),
            by: self.member,
            outcome: Outcome::Dismissed,
            reason: reason(&self.word("closing")),
        };
        ask(self.app, self.judge, report).await;
        self.say(closing).await;
        self.judge_others(about).await;
        self.be_judged().await;
    }

    fn measure(&self, by: MemberId, (about, member): (Thing, MemberId), why: &str) -> TakeMeasure {
        TakeMeasure {
            measure: MeasureId(new_id()),
            about,
            member,
            by,
            reason: reason(why).unwrap(),
            until: None,
            reports: vec![],
            at: now(),
        }
    }

    async fn judge_others(&self, about: Thing) {
        let (by, member) = (self.member, self.neighbour);
        let taken = self.measure(by, (about, member), &self.word("measure"));
        let measure = taken.measure;
        self.say(taken).await;
        self.say(LiftMeasure {
            measure,
            about,
            member,
            by,
            reason: reason(&self.word("lifting")),
        })
        .await;
        let taken = self.measure(self.judge, (about, member), "Not nice.");
        let measure = taken.measure;
        ask(self.app, self.judge, taken).await;
        let text = AppealText::new("It is.").unwrap();
        let appeal = Appeal {
            measure,
            member,
            text,
        };
        ask(self.app, member, appeal).await;
        self.say(DecideAppeal {
            measure,
            about,
            member,
            by,
            granted: true,
            reason: reason(&self.word("decision")).unwrap(),
        })
        .await;
    }

    async fn be_judged(&self) {
        let (member, comment) = (self.member, self.comment());
        let about = Thing::Comment { comment };
        let taken = self.measure(self.judge, (about, member), "Not nice.");
        let measure = taken.measure;
        ask(self.app, self.judge, taken).await;
        let text = AppealText::new(&self.word("appeal")).unwrap();
        self.say(Appeal {
            measure,
            member,
            text,
        })
        .await;
    }

    async fn be_kept(&self) {
        for (what, row) in KEPT {
            sqlx::query(row)
                .bind(self.member.0)
                .bind(self.word(what))
                .execute(self.app.vault.pool())
                .await
                .unwrap_or_else(|error| panic!("{what}: {error}"));
        }
    }
}
