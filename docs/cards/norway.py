import attend_ml as am

card = "docs/cards/karlstad-2031-09-18.toml"
before = am.predict(card, party="NOR", as_of="2031-09-15")
after = am.predict(card, party="NOR", as_of="2031-09-16")
print(f"the leader: {before.probabilities['leader']:.0%}, a day later {after.probabilities['leader']:.0%}")

for reason in after.drivers("leader").head(3).itertuples():
    print(f"{reason.log_odds:+.2f}  {reason.text}")
