// What the page says about records, in the language that the game has chosen for the page. `{}` is filled in, in order.

const ORDINALS = new Intl.PluralRules("en", { type: "ordinal" });

const TEXTS = {
  en: {
    records: "Records",
    today: "Today",
    week: "This week",
    season: "Season",
    all: "All time",
    noRuns: "No runs yet. Yours can be the first.",
    own: "You: {} with {}",
    ownNext: "You: {} with {} · {} more for the next rank",
    noOwn: "You have no run here yet.",
    deathNext: "Today you are {} · {} for the next rank",
    death: "Today you are {}",
    achievements: "Achievements",
    wear: "Press one that you have unlocked to wear its sign beside your name.",
    keep: "Your records belong to this browser",
    keepAbout: "There is no account. These nine words move your records to another device. Everyone who has them plays as you.",
    showWords: "Show the words",
    enterWords: "Words of another device",
    useWords: "Use these words",
    wrongWords: "These are not the nine words of a player. Check each of them.",
    used: "Done. From your next run on, this browser plays as that player.",
    erase: "Delete my records",
    eraseSure: "Delete them for good?",
    erased: "Your records are deleted.",
    delayed: "Records are delayed: the server cannot reach them now. Your runs are kept and appear later.",
    done: "Done",
    unlocked: {},
    embers: (count) => (count === 1 ? "1 ember" : `${count} embers`),
    moreEmbers: (count) => (count === 1 ? "1 more ember" : `${count} more embers`),
    rank: (rank) => `${rank}${{ one: "st", two: "nd", few: "rd" }[ORDINALS.select(rank)] ?? "th"}`,
    from: (rank) => `below ${rank}th`,
  },
  zh: {
    records: "排行榜",
    today: "今天",
    week: "本周",
    season: "本季",
    all: "历史",
    noRuns: "还没有记录，等你来创造第一个。",
    own: "你：{}，{}",
    ownNext: "你：{}，{} · 距下一名还差 {}",
    noOwn: "你在这里还没有记录。",
    deathNext: "今天你是{} · 距下一名还差 {}",
    death: "今天你是{}",
    achievements: "成就",
    wear: "点按已解锁的成就，把它的标志戴在名字旁。",
    keep: "记录属于这个浏览器",
    keepAbout: "无需账号。用这九个词可以把记录带到另一台设备。谁有这些词，谁就能以你的身份游戏。",
    showWords: "显示九个词",
    enterWords: "另一台设备的词",
    useWords: "使用这些词",
    wrongWords: "这不是一位玩家的九个词，请逐个检查。",
    used: "完成。从下一局起，此浏览器以那位玩家的身份游戏。",
    erase: "删除我的记录",
    eraseSure: "确定永久删除？",
    erased: "你的记录已删除。",
    delayed: "记录有延迟：服务器暂时无法读写。你的成绩已保留，稍后显示。",
    done: "完成",
    unlocked: {
      "first-kill": ["首次击落", "击落一艘飞船"],
      hunter: ["猎手", "一条命击落 5 艘飞船"],
      ace: ["王牌", "一条命击落 15 艘飞船"],
      "giant-slayer": ["屠巨人者", "终结 5 连杀或以上"],
      "king-slayer": ["弑王者", "击落领先者"],
      collector: ["收集者", "携带 100 余烬"],
      hoarder: ["囤积者", "携带 500 余烬"],
      survivor: ["幸存者", "存活 5 分钟"],
      leader: ["领先者", "领先一分钟"],
      reign: ["统治", "领先 5 分钟"],
    },
    embers: (count) => `余烬 ${count}`,
    moreEmbers: (count) => `${count} 余烬`,
    rank: (rank) => `第 ${rank} 名`,
    from: (rank) => `第 ${rank} 名之后`,
  },
};

/** The texts of the page's language. */
export const texts = () => TEXTS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

/** A text with its gaps filled in. */
export const fill = (text, ...values) => values.reduce((filled, value) => filled.replace("{}", value), text);

/** The name of an achievement, and what it is for. A new one that has no translation yet is in the server's language. */
export const achievementText = ({ id, name, text }) => texts().unlocked[id] ?? [name, text];

/** A rank in words: the server counts only as far as it is worth it. */
export const rankText = ({ rank, exact }) => (exact ? texts().rank(rank) : texts().from(rank));
