"""What a bicycle shop with a workshop writes to its customers, and what they write back: the material of the demo."""

from __future__ import annotations

from dataclasses import dataclass

from voipe_tui.sandbox.model import Contact


@dataclass(frozen=True, slots=True)
class Script:
    """A message of the shop, and what people answer to it, if anything; ``{…}`` is filled in."""

    text: str
    answers: tuple[str, ...] = ()


CONTACTS = [
    Contact(1, "Dana Levi", "+972521110001", "dana@example.com", "customer"),
    Contact(2, "Yossi Cohen", "0521110002", "", "workshop"),
    Contact(3, "Maya Friedman", "+972521110003", "maya@example.com", "workshop"),
    Contact(4, "אבי מזרחי", "0541110004", "", "customer"),
    Contact(5, "נועה שפירא", "+972541110005", "", "customer"),
    Contact(6, "Eitan Bar", "0501110006", "", "customer"),
    Contact(7, "תמר גולן", "0501110007", "tamar@example.com", "customer"),
    Contact(8, "Omer Katz", "+972531110008", "", "courier"),
    Contact(9, "Ruth Ben-David", "0531110009", "", "customer"),
    Contact(10, "Sarah Miller", "+972581110010", "sarah@example.com", "customer"),
    Contact(11, "Tom Harris", "+447700900123", "tom@example.com", "customer"),
    Contact(12, "עומר כץ", "0521110012", "", "customer"),
    Contact(13, "רון אלון", "0541110013", "ron@example.com", "customer"),
    Contact(14, "שירה דהן", "+972501110014", "", "customer"),
]

TEAM = ["0521110002", "+972521110003", "+972531110008"]

APPOINTMENTS = (
    Script(
        "Hi {name}, your bike service is tomorrow at {hour}:00. Reply 1 to confirm or 2 to change.",
        ("1", "1", "2 - could we make it Thursday morning?", "1, thanks!", "Can I come at {later}:00 instead?"),
    ),
    Script(
        "Reminder: {name}, you have an appointment at Galgal Bikes on Sunday at {hour}:30. Can you make it?",
        ("Yes, see you then", "Sorry, I have to cancel. Is Tuesday free?", "Yes! Should I bring the charger too?"),
    ),
    Script(
        "שלום {name}, תזכורת: מחר בשעה {hour}:00 טיפול לאופניים אצלנו. להשיב 1 לאישור.",
        ("1", "1 תודה", "אפשר לדחות לשעה {later}:00?", "מאשר, תודה רבה"),
    ),
    Script(
        "היי {name}, התור שלך לכיוון הילוכים נקבע ליום שלישי בשעה {hour}:30. מתאים?",
        ("מתאים, תודה!", "מצוין", "לא מסתדר לי, יש משהו ביום חמישי?"),
    ),
)

READY = (
    Script(
        "{name}, your bike is ready! New brake pads and chain, {price} NIS in all. We are open until 19:00.",
        (
            "Great, I'll be there at 6",
            "Thanks! Can my brother pick it up?",
            "That was quick, thank you",
            "Do you take Bit?",
        ),
    ),
    Script(
        '{name}, האופניים מוכנים לאיסוף. סה"כ {price} ₪. אנחנו פתוחים עד 19:00.',
        ("תודה, אגיע ב-18:00", "מעולה! אפשר לשלם בביט?", "אוכל לאסוף רק מחר, זה בסדר?"),
    ),
    Script(
        "Hi {name}, the part for your rear wheel has arrived. Shall we book you in this week?",
        ("Yes please, Wednesday",),
    ),
)

DELIVERIES = (
    Script(
        "Order {order} is on its way. Our courier arrives today between {hour}:00 and {later}:00.",
        (
            "Please leave it with the neighbour, apartment 4",
            "The code for the gate is 2580#",
            "OK thanks",
            "Nobody home till 5",
        ),
    ),
    Script(
        "הזמנה {order} יצאה למשלוח ותגיע היום בין {hour}:00 ל-{later}:00.",
        ("אפשר להשאיר ליד הדלת", "תודה!", "אני לא בבית, אפשר מחר?"),
    ),
    Script("Your parcel {order} was delivered to the pick-up point at 12 Herzl St. Bring an ID."),
    Script("החבילה {order} ממתינה בנקודת האיסוף ברחוב הרצל 12. יש להביא תעודה מזהה."),
)

CODES = (
    Script("{code} is your Galgal Bikes code. It is valid for 10 minutes. Do not share it with anyone."),
    Script("{code} הוא קוד האימות שלך לאתר גלגל. הקוד תקף ל-10 דקות."),
)

THANKS = (
    Script(
        "Thank you for riding with us, {name}! How was the service? Reply with a number from 1 to 5.",
        ("5", "5", "4", "5!"),
    ),
    Script("תודה שבחרת בגלגל, {name}. נשמח לדירוג מ-1 עד 5.", ("5", "5 שירות מעולה", "4")),
)

OFFERS = (
    Script(
        "Winter check-up for your bike: 20% off until Friday. Galgal Bikes, 03-5550123. To opt out: galgal.example/stop"
    ),
    Script(
        "פרסומת: מבצע חורף בגלגל, 20% הנחה על טיפול עד יום שישי. להסרה: galgal.example/stop", ("הסר", "כמה זה עולה?")
    ),
)

CONVERSATIONS: tuple[tuple[int, tuple[tuple[str, str], ...]], ...] = (
    (
        10,
        (
            ("in", "Hi, do you have the Strida folding bike in stock?"),
            ("out", "Hi Sarah! Yes, in white and in black. Would you like to try one?"),
            ("in", "White please. Could I come by on Friday around 11?"),
            (
                "out",
                "Friday at 11 is fine, we'll keep one aside for you.",
            ),
            ("in", "Perfect, see you Friday"),
        ),
    ),
    (
        7,
        (
            ("in", "היי, הגלגל האחורי שלי עושה רעש מוזר. אפשר לקפוץ היום?"),
            ("out", "היי תמר, בטח. אנחנו כאן עד 19:00."),
            ("in", "מגיעה ב-17:30, תודה!"),
        ),
    ),
    (
        8,
        (
            ("out", "Omer, two more parcels for Ramat Gan: orders 4417 and 4420. Can you take them today?"),
            ("in", "On it. 4420 has no street number, can you check?"),
            ("out", "4420: 17 Bialik St, floor 2. Thanks!"),
        ),
    ),
    (
        5,
        (
            ("in", "שלום, שכחתי אצלכם קסדה כחולה ביום ראשון. מצאתם אולי?"),
            ("out", "היי נועה, כן! שמרנו לך אותה ליד הקופה."),
            ("in", "הצלתם אותי, תודה!"),
        ),
    ),
)
"""Who (a contact's ID) and what was said, oldest first."""

SPONTANEOUS = (
    "Hi, are you open on Friday?",
    "Do you repair e-bike batteries?",
    "שלום, כמה עולה החלפת שרשרת?",
    "How much is a full service for a mountain bike?",
    "אפשר להזמין תור לשבוע הבא?",
    "I'm running 15 minutes late, sorry",
    "האם יש לכם כיסא ילדים לאופניים?",
    "Is order 4431 ready?",
    "אתם פתוחים בערב החג?",
    "Got it, thanks!",
    "Can someone call me back about the invoice?",
    "מחכה מחוץ לחנות, מישהו יכול לפתוח?",
)

KEYWORD_QUESTIONS = ("opening hours", "price of a full service", "שעות פתיחה", "rental for a family of 4")

ANSWERS_TO_A_QUESTION = {
    "en": (
        "Yes, that works for me",
        "I'm not sure, let me check and get back to you",
        "Yes please!",
        "Not today, sorry",
    ),
    "he": ("כן, מתאים לי", "אבדוק ואחזור אליך", "כן, בבקשה!", "היום לא, מצטערת"),
}

ANSWERS = {
    "en": ("Thanks!", "OK, got it", "Great, thank you", "Who is this?", "Thanks, see you soon", "Can you call me?"),
    "he": ("תודה!", "קיבלתי, תודה רבה", "מעולה", "מי זה?", "תודה, נתראה", "אפשר להתקשר אליי?"),
}


def is_hebrew(text: str) -> bool:
    """Whether a text is written in Hebrew letters."""
    return any("א" <= character <= "ת" for character in text)
