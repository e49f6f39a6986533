return await Protean.Cli.CommandLine.Run(args, Console.Out, Console.Error);
