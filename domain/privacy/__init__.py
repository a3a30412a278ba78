"""个人信息权利: keeping only as long as needed, a copy for the person, deletion (个人信息保护法第十九、四十五、四十七条)."""
