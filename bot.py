from bot.run import main

main()
