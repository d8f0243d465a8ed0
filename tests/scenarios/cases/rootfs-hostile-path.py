# A program is looked for in the container's fixed PATH only: not in the caller's, not in the working directory.
sh('mkdir evil; printf "#!/bin/sh\\necho evil\\n" > evil/probe; chmod 755 evil/probe; cp evil/probe evil/casemate')
result = run(args=['probe', 'true'], env={'PATH': f'{WORK}/evil:.:' + os.environ['PATH']})
expect(result.code == 0 and 'executed' in result.out and 'evil' not in result.out, result)
result = run('echo $PATH', env={'PATH': f'{WORK}/evil:' + os.environ['PATH']})
expect('evil' not in result.out.replace('evil'.upper(), ''), result)
